package import Tensors
internal import Threading

/// Tries the arithmetic class of this process on this machine.
package enum ClassTrial {
    /// Products of the sizes that most models have; those of the model itself are looked at when it is read.
    private static let shapes = [
        (768, 768), (2_304, 768), (3_072, 768), (768, 3_072), (512, 1_024),
    ]

    /// Looks at products, the kernels between them and two threads at a time.
    ///
    /// Takes a quarter of a second with vector instructions.
    ///
    /// - Parameter backend: of this process; what passes is noted in it.
    /// - Returns: why the class is not what it promises; nil if it is.
    package static func failure(of backend: ComputeBackend) -> String? {
        let found = Guarded<[[UInt64?]]>([])
        let failures = Guarded<[String]>([])
        let work: @Sendable () -> Void = {
            ComputeThread.prepare()
            var checksums: [UInt64?] = []
            do throws(ArithmeticError) {
                for (columns, depth) in shapes {
                    checksums.append(try backend.multiply.check(columns: columns, depth: depth))
                }
                try backend.multiply.checkKernels()
            } catch {
                failures.withLock { $0.append(error.message) }
            }
            found.withLock { $0.append(checksums) }
        }
        do throws(ThreadError) {
            let threads = [try DedicatedThread(work), try DedicatedThread(work)]
            for thread in threads { thread.join() }
        } catch {
            return "\(error)"
        }
        if let failure = failures.withLock({ $0.first }) { return failure }
        let checksums = found.withLock { $0 }
        guard checksums.count == 2, checksums[0] == checksums[1] else {
            return "products of two threads are not the same"
        }
        return nil
    }
}
