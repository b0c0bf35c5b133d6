// SPDX-License-Identifier: MIT
//
// usage: node aedes.mjs PORT TLS_PORT WS_PORT CERTIFICATE KEY
// The broker aedes on 127.0.0.1, with everything in memory.

import { readFileSync } from 'node:fs'
import { createServer as createHttp } from 'node:http'
import { createServer as createTcp } from 'node:net'
import { createServer as createTls } from 'node:tls'
import { Aedes } from 'aedes'
import { WebSocketServer, createWebSocketStream } from 'ws'

const [port, tlsPort, wsPort, cert, key] = process.argv.slice(2)
const broker = await Aedes.createBroker()
const pair = { cert: readFileSync(cert), key: readFileSync(key) }
const web = createHttp()

new WebSocketServer({ server: web }).on('connection', (socket, request) => {
	broker.handle(createWebSocketStream(socket), request)
})
createTcp(broker.handle).listen(port, '127.0.0.1')
createTls(pair, broker.handle).listen(tlsPort, '127.0.0.1')
web.listen(wsPort, '127.0.0.1')
