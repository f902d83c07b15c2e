internal import SpeechTypes
internal import StrictJSON

/// How a journal keeps a row's history: one flat JSON object.
extension AttemptHistory {
    /// The history as compact JSON, without the ordinal; equal values give equal bytes.
    package var encoded: String {
        var json = JSONWriter()
        json.beginObject()
        json.losses("company", lossesInCompany)
        json.losses("alone", lossesAlone)
        json.key("unprovenAlone")
        json.value(unprovenAlone)
        json.key("forgiven")
        json.value(waivedLosses)
        json.strings("inputSlots", inputSlots)
        json.key("inputCode")
        json.value(inputCode?.rawValue ?? "")
        json.strings("engineSlots", engineSlots)
        json.strings("sourceSlots", sourceSlots)
        json.integers("memorySizes", memorySizes)
        json.strings("workerSlots", workerSlots)
        json.endObject()
        return String(decoding: json.bytes, as: UTF8.self)
    }

    /// Reads what ``encoded`` wrote; nil for anything else.
    package init?(ordinal: Int, encoded: String) {
        guard let value = try? JSONParser.parse(Array(encoded.utf8), depthMax: 2),
            let object = value.object,
            let company = object.losses("company"), let alone = object.losses("alone"),
            let unproven = object["unprovenAlone"]?.int, let waivedLosses = object["forgiven"]?.int,
            let inputSlots = object.strings("inputSlots"),
            let code = object["inputCode"]?.string,
            let engineSlots = object.strings("engineSlots"),
            let sourceSlots = object.strings("sourceSlots"),
            let memorySizes = object.integers("memorySizes"),
            let workerSlots = object.strings("workerSlots")
        else { return nil }
        self.init(ordinal: ordinal)
        lossesInCompany = company
        lossesAlone = alone
        unprovenAlone = unproven
        self.waivedLosses = waivedLosses
        self.inputSlots = inputSlots
        if !code.isEmpty {
            guard let code = FailureCode(rawValue: code) else { return nil }
            inputCode = code
        }
        self.engineSlots = engineSlots
        self.sourceSlots = sourceSlots
        self.memorySizes = memorySizes
        self.workerSlots = workerSlots
    }
}

extension JSONWriter {
    fileprivate mutating func strings(_ name: String, _ values: [String]) {
        key(name)
        beginArray()
        for text in values { value(text) }
        endArray()
    }

    fileprivate mutating func integers(_ name: String, _ values: [Int]) {
        key(name)
        beginArray()
        for number in values { value(number) }
        endArray()
    }

    fileprivate mutating func losses(_ name: String, _ losses: [AttemptHistory.Loss]) {
        strings(name + "Slots", losses.map(\.slot))
        strings(name + "Instances", losses.map(\.instance))
        integers(name + "Sessions", losses.map(\.session))
    }
}

extension JSONObject {
    fileprivate func strings(_ name: String) -> [String]? {
        guard let values = self[name]?.array else { return nil }
        let texts = values.compactMap(\.string)
        return texts.count == values.count ? texts : nil
    }

    fileprivate func integers(_ name: String) -> [Int]? {
        guard let values = self[name]?.array else { return nil }
        let numbers = values.compactMap(\.int)
        return numbers.count == values.count ? numbers : nil
    }

    fileprivate func losses(_ name: String) -> [AttemptHistory.Loss]? {
        guard let slots = strings(name + "Slots"), let instances = strings(name + "Instances"),
            let sessions = integers(name + "Sessions"),
            slots.count == instances.count, slots.count == sessions.count
        else { return nil }
        return slots.indices.map {
            .init(slot: slots[$0], instance: instances[$0], session: sessions[$0])
        }
    }
}
