internal import SpeechTypes
internal import TranscriptRows

/// A table of rows for spreadsheets and data frames (RFC 4180, with line feeds).
struct CSVFormat: RowLinesFormat {
    let name = "csv"
    let summary = "a table with a line for each row"
    let layout = ExportLayout.oneFile
    let fields: Set<TranscriptField> = [.path, .id, .speaker, .channel, .span, .text]
    let head = "id,audio_filepath,channel,speaker,start,end,text\n"
    let headOfSegments = "id,audio_filepath,channel,speaker,start,end,text,parent_row\n"

    func append(_ segment: TranscriptSegment, to bytes: inout [UInt8]) throws(ExportError) {
        Self.append(segment.rowID ?? "", to: &bytes)
        bytes.append(UInt8(ascii: ","))
        Self.append(segment.audio.text, to: &bytes)
        bytes.append(UInt8(ascii: ","))
        if let channel = segment.channel { bytes.appendDecimal(channel) }
        bytes.append(UInt8(ascii: ","))
        Self.append(segment.speaker ?? "", to: &bytes)
        bytes.append(UInt8(ascii: ","))
        bytes.appendSeconds(segment.start)
        bytes.append(UInt8(ascii: ","))
        bytes.appendSeconds(segment.end)
        bytes.append(UInt8(ascii: ","))
        Self.append(segment.text, to: &bytes)
        if let parent = segment.parent {
            bytes.append(UInt8(ascii: ","))
            bytes.appendDecimal(parent.row)
        }
        bytes.append(UInt8(ascii: "\n"))
    }

    private static func append(_ text: String, to bytes: inout [UInt8]) {
        let isQuoted = text.utf8.contains { byte in
            byte == UInt8(ascii: ",") || byte == UInt8(ascii: "\"") || byte < 0x20
        }
        guard isQuoted else { return bytes.append(text) }
        bytes.append(UInt8(ascii: "\""))
        for byte in text.utf8 {
            if byte == UInt8(ascii: "\"") { bytes.append(byte) }
            bytes.append(byte)
        }
        bytes.append(UInt8(ascii: "\""))
    }
}
