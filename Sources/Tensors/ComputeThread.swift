internal import CKernels

/// What a thread does before it computes.
package enum ComputeThread {
    /// Makes the calling thread ready to compute: denormal floats are zero, in operands and results,
    /// and matrix libraries stay on this thread.
    ///
    /// Call it first on every thread that runs a model, so that speed and bits do not depend on
    /// what the thread did before.
    package static func prepare() {
        ck_prepare_thread()
        MatrixLibrary.prepareThread()
    }
}
