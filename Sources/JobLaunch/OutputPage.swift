package import Processes

/// Lines on their way to standard output, some at a time.
package struct OutputPage {
    private var text = ""
    private var failure: RuntimeError?

    package init() {}

    /// Adds a line; false once standard output takes no more.
    @discardableResult
    package mutating func put(_ line: String) -> Bool {
        text += line + "\n"
        if text.utf8.count > 1 << 14 { flush() }
        return failure == nil
    }

    private mutating func flush() {
        guard failure == nil else { return }
        do throws(RuntimeError) {
            LongWork.end()
            try StandardOutput.write(text)
        } catch {
            failure = error
        }
        text = ""
    }

    /// - Throws: why standard output took no more.
    package mutating func finish() throws(RuntimeError) {
        flush()
        if let failure { throw failure }
    }
}
