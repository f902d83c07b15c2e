internal import Foundation
internal import GRDB

extension [UInt8] {
    /// As GRDB binds bytes.
    var data: Data { Data(self) }
}

extension Row {
    /// The bytes of a column; nil for NULL.
    func bytes(_ column: String) -> [UInt8]? {
        let data: Data? = self[column]
        return data.map { Array($0) }
    }
}
