import LMStudioCore
import LMStudioLlama
import LMStudioServer
import LMStudioTesting
import Logging

var configuration = ServerConfiguration()
configuration.port = Int(CommandLine.arguments[1]) ?? 0
configuration.listensOnSDKPort = CommandLine.arguments.contains("sdk")
var logger = Logger(label: "server")
logger.logLevel = .debug
configuration.logger = logger
let host: any ModelHost = CommandLine.arguments.contains("scripted") ? ScriptedHost() : LocalHost()
let server = try await LMStudioServer.start(host: host, configuration: configuration)
print(server.addresses)
_ = readLine()
await server.stop()
print("stopped")
