import ArgumentParser
import CLMStudio
import LMStudio
import LMStudioCore

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

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
        StandardStreams.keepPlaces()
        do {
            var command = try parseAsRoot()
            if var command = command as? any AsyncParsableCommand {
                try await command.run()
            } else {
                try command.run()
            }
            leave(0)
        } catch let code as ExitCode {
            leave(code.rawValue)
        } catch let error as LMStudioError {
            fail("\(error)")
        } catch {
            // Help and version come this way too.
            if exitCode(for: error) != .validationFailure { exit(withError: error) }
            fail(message(for: error) + (rule(for: error) ?? ""))
        }
    }

    /// What an argument's help says of the values that it takes, if that is what is wrong.
    private static func rule(for error: any Error) -> String? {
        fullMessage(for: error).split(separator: "\n").first { $0.hasPrefix("Help:  ") }?
            .split(separator: ">", maxSplits: 1).last.map { ": \(String($0).trimmingSpaces())" }
    }

    private static func fail(_ message: String) -> Never {
        Output.error.line("error: \(message.split(separator: "\n").joined(separator: " "))")
        leave(ExitCode.failure.rawValue)
    }

    /// Ends the process at once: a thread that computes still needs what exit() would take apart.
    private static func leave(_ code: Int32) -> Never {
        fflush(nil)
        _exit(code)
    }
}
