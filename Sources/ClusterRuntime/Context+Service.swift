internal import Processes
internal import Threading
internal import ZeroMQ

extension Context {
    /// Libzmq starts two threads with its first socket, and aborts where it gets none; the others are
    /// for what a service starts before that.
    private static let threads = 6

    /// libzmq's context, where the system has threads for it.
    static func ofService() throws(RuntimeError) -> Context {
        do {
            try DedicatedThread.check(forStarting: threads)
            return try Context()
        } catch let error as ThreadError {
            throw RuntimeError(error)
        } catch {
            throw RuntimeError(.system, "\(error)")
        }
    }
}
