/** Loaded before a server, it takes its threads away: so there is no index of the audit log. */
import { EventEmitter } from 'node:events'
import { syncBuiltinESMExports } from 'node:module'
import threads from 'node:worker_threads'

class NoThread extends EventEmitter {
  postMessage(): void {}
  unref(): void {}
  terminate(): void {}
}

Object.assign(threads, { Worker: NoThread })
syncBuiltinESMExports()
