import LMStudioCore
import Testing

@Suite struct LMStudioErrorTests {
    private struct Cause: Error, CustomStringConvertible {
        let description = "the disk is full"
    }

    @Test func descriptionIsTheMessageAndItsCause() {
        let error = LMStudioError(.engine, "cannot load", underlyingError: Cause())
        #expect(error.description == "cannot load: the disk is full")
    }

    @Test func ownErrorIsNotWrapped() {
        let error = LMStudioError(wrapping: LMStudioError(.timedOut, "late"))
        #expect(error.code == .timedOut)
        #expect(error.underlyingError == nil)
    }

    @Test func cancellationBecomesCancelled() {
        #expect(LMStudioError(wrapping: CancellationError()).code == .cancelled)
    }

    @Test func strangeErrorBecomesInternal() {
        let error = LMStudioError(wrapping: Cause())
        #expect(error.code == .internal)
        #expect(error.underlyingError is Cause)
    }
}
