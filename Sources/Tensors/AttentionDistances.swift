/// What attention adds to a score for the distance between its frames: a key's less the query's.
package struct AttentionDistances {
    /// Numbers of distances, each query taking its share of them.
    package struct Bias {
        /// [2 · reach + 1], from distance −reach on, of one head.
        let values: UnsafePointer<Float>
        let reach: Int
        /// Of each query of the call.
        let gates: UnsafePointer<Float>

        package init(values: UnsafePointer<Float>, reach: Int, gates: UnsafePointer<Float>) {
            self.values = values
            self.reach = reach
            self.gates = gates
        }
    }

    /// Vectors of distances, whose products with a query are added.
    package struct Vectors {
        /// [distances, head width]; those beyond either end are the end's.
        let vectors: Operand
        /// Of the first vector.
        let firstDistance: Int
        /// [queries, head width], laid out as the queries are.
        let query: Operand

        package init(vectors: Operand, firstDistance: Int, query: Operand) {
            self.vectors = vectors
            self.firstDistance = firstDistance
            self.query = query
        }
    }

    /// The frame of the call's first query.
    package var firstQuery = 0
    package var bias: Bias?
    package var vectors: Vectors?

    package init(firstQuery: Int = 0, bias: Bias? = nil, vectors: Vectors? = nil) {
        self.firstQuery = firstQuery
        self.bias = bias
        self.vectors = vectors
    }

    /// Scores depend on queries and keys alone.
    package static var none: AttentionDistances { AttentionDistances() }

    /// Traps unless all that a call with this query needs is there.
    func check(query: Operand, keys: Int) {
        if let bias {
            precondition(
                bias.reach >= keys - 1 && bias.reach >= firstQuery + query.rows - 1,
                "every distance has a number")
        }
        if let vectors {
            let (table, own) = (vectors.vectors, vectors.query)
            precondition(
                table.elementType == query.elementType && own.elementType == query.elementType,
                "numbers agree")
            precondition(
                table.rows > 0 && table.width == query.width && own.width == query.width
                    && own.stride == query.stride && own.rows >= query.rows, "shapes agree")
        }
    }
}
