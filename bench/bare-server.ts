/** The ceiling: Node's HTTP server that reads a body and answers with as many bytes as it is told, and does nothing. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

const answer = 'x'.repeat(Number(process.argv[2]))
const server = createServer((request, response) => {
  request.on('data', () => {})
  request.on('end', () => {
    response.writeHead(200, {
      'x-amzn-RequestId': '00000000-0000-0000-0000-000000000000',
      'Content-Type': 'application/x-amz-json-1.1',
      'Content-Length': answer.length,
    })
    response.end(answer)
  })
})
server.listen(0, '127.0.0.1', () => {
  console.log(`is ready at http://127.0.0.1:${(server.address() as AddressInfo).port} `)
})
