import ArgumentParser
import CLMStudio
import LMStudio

/// The command line: `lms`.
@main
struct LMS: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "lms",
        abstract: "Models on this computer and on LM Studio servers.",
        version: LMS_VERSION_STRING,
        subcommands: [
            Chat.self, Complete.self, Embed.self, List.self, ProcessStatus.self, Load.self,
            Unload.self, Server.self,
        ]
    )

    /// Runs the command that the arguments name; every failure is one line, and status 1.
    static func main() async {
        do {
            var command = try parseAsRoot()
            if var command = command as? any AsyncParsableCommand {
                try await command.run()
            } else {
                try command.run()
            }
        } catch let error as LMStudioError {
            fail("\(error)")
        } catch {
            // Help and version come this way too.
            if exitCode(for: error) != .validationFailure { exit(withError: error) }
            fail(message(for: error))
        }
    }

    private static func fail(_ message: String) -> Never {
        Output.error.line("error: \(message.split(separator: "\n").joined(separator: " "))")
        exit(withError: ExitCode.failure)
    }
}
