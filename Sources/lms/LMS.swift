import ArgumentParser

@main
struct LMS: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "lms",
        abstract: "Models on this computer and on LM Studio servers."
    )
}
