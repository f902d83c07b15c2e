internal import SpeechTypes
internal import StrictJSON

/// How a journal keeps a row's trouble: one flat JSON object.
extension RowTrouble {
    /// The trouble as compact JSON, without the ordinal; equal values give equal bytes.
    package var encoded: String {
        var json = JSONWriter()
        json.beginObject()
        json.losses("company", lossesInCompany)
        json.losses("alone", lossesAlone)
        json.key("unclaimedAlone")
        json.value(unclaimedAlone)
        json.key("forgiven")
        json.value(forgiven)
        json.strings("inputSlots", inputSlots)
        json.key("inputCode")
        json.value(inputCode?.rawValue ?? "")
        json.strings("engineSlots", engineSlots)
        json.endObject()
        return String(decoding: json.bytes, as: UTF8.self)
    }

    /// Reads what ``encoded`` wrote; nil for anything else.
    package init?(ordinal: Int, encoded: String) {
        guard let value = try? JSONParser.parse(Array(encoded.utf8), depthMax: 2),
            let object = value.object,
            let company = object.losses("company"), let alone = object.losses("alone"),
            let unclaimed = object["unclaimedAlone"]?.int, let forgiven = object["forgiven"]?.int,
            let inputSlots = object.strings("inputSlots"),
            let code = object["inputCode"]?.string,
            let engineSlots = object.strings("engineSlots")
        else { return nil }
        self.init(ordinal: ordinal)
        lossesInCompany = company
        lossesAlone = alone
        unclaimedAlone = unclaimed
        self.forgiven = forgiven
        self.inputSlots = inputSlots
        if !code.isEmpty {
            guard let code = FailureCode(rawValue: code) else { return nil }
            inputCode = code
        }
        self.engineSlots = engineSlots
    }
}

extension JSONWriter {
    fileprivate mutating func strings(_ name: String, _ values: [String]) {
        key(name)
        beginArray()
        for text in values { value(text) }
        endArray()
    }

    fileprivate mutating func losses(_ name: String, _ losses: [RowTrouble.Loss]) {
        strings(name + "Slots", losses.map(\.slot))
        strings(name + "Instances", losses.map(\.instance))
        key(name + "Sessions")
        beginArray()
        for loss in losses { value(loss.session) }
        endArray()
    }
}

extension JSONObject {
    fileprivate func strings(_ name: String) -> [String]? {
        guard let values = self[name]?.array else { return nil }
        let texts = values.compactMap(\.string)
        return texts.count == values.count ? texts : nil
    }

    fileprivate func losses(_ name: String) -> [RowTrouble.Loss]? {
        guard let slots = strings(name + "Slots"), let instances = strings(name + "Instances"),
            let sessions = self[name + "Sessions"]?.array?.compactMap(\.int),
            slots.count == instances.count, slots.count == sessions.count
        else { return nil }
        return slots.indices.map {
            .init(slot: slots[$0], instance: instances[$0], session: sessions[$0])
        }
    }
}
