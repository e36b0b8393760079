/** What a server loads that shows metrics, and no other. */
export { createCollector } from './collect.ts'
export { collectFollower } from './collect-follower.ts'
export { readMetricsToken } from './metrics-token.ts'
export { createNodeCounts, leaderMetrics } from './node-metrics.ts'
export { createRequestCounts } from './request-counts.ts'
export { METRICS_FLAGS, serveMetrics } from './serve-metrics.ts'
