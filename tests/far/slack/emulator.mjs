// Slack's Web API in memory, on a free port of loopback, until standard input ends.
// One argument: what it starts with, as JSON. It prints its address as soon as it listens.
import path from 'node:path'
import { pathToFileURL } from 'node:url'

const module = path.resolve('node_modules/emulate/dist/api.js')
const { createEmulator } = await import(pathToFileURL(module).href)
const emulator = await createEmulator({ service: 'slack', port: 0, seed: JSON.parse(process.argv[2]) })
console.log(emulator.url)
process.stdin.resume()
process.stdin.on('end', () => process.exit(0))
