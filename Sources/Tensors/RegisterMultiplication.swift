internal import CKernels
internal import CPeakRates

extension ComputeBackend {
    /// Multiplies and adds in registers or tiles alone, with the instructions of this class: the most that a thread
    /// can do.
    ///
    /// - Parameter type: of the numbers; nil for those of the class's products.
    /// - Returns: operations done, two for each multiply-add.
    package func multiplyInRegisters(
        rounds: Int, of type: Operand.ElementType? = nil
    ) -> Double {
        let set = arithmetic.instructionSet.table(for: arithmetic.precision)
        return ck_multiply_in_registers(
            set, (type ?? multiply.elementType).kernel, max(0, rounds))
    }
}
