/// Runs a task for which a thread waits that may help.
package protocol WaitableExecutor: TaskExecutor {
    /// Does what the task waits for, as far as this thread can do it, and what the task does then.
    ///
    /// - Parameter milliseconds: most time that the thread has; negative: any.
    func help(within milliseconds: Int64)
}
