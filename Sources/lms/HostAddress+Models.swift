import LMStudio

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

extension HostAddress {
    /// Refuses a directory that is not there, which would look like one without models.
    ///
    /// - Parameter hint: what to give instead.
    /// - Throws: `.invalidArgument` naming it.
    func checkModels(_ hint: String) throws(LMStudioError) {
        guard case .local(let path?) = self, opendir(path).map({ closedir($0) }) == nil else {
            return
        }
        throw LMStudioError(
            .invalidArgument,
            "\(path.quoted) is no directory that can be read; \(hint)"
        )
    }
}
