import EnvironmentSettings
import Testing

/// A command as the parser describes it; the form is ArgumentParserToolInfo's.
private let work = """
    {"command": {"commandName": "work", "arguments": [
        {"kind": "positional", "valueName": "input", "isRepeating": true},
        {"kind": "option", "isRepeating": true, "shouldDisplay": true,
         "names": [{"kind": "long", "name": "connect"}], "preferredName": {"kind": "long", "name": "connect"}},
        {"kind": "option", "isRepeating": false, "shouldDisplay": true,
         "names": [{"kind": "short", "name": "o"}, {"kind": "long", "name": "output"}],
         "preferredName": {"kind": "long", "name": "output"}},
        {"kind": "option", "isRepeating": false, "shouldDisplay": true,
         "names": [{"kind": "long", "name": "lm-weight"}, {"kind": "long", "name": "alpha"}],
         "preferredName": {"kind": "long", "name": "alpha"}},
        {"kind": "flag", "isRepeating": false, "shouldDisplay": true,
         "names": [{"kind": "long", "name": "follow-links"}]},
        {"kind": "flag", "isRepeating": false, "shouldDisplay": true,
         "names": [{"kind": "long", "name": "overwrite"}]},
        {"kind": "option", "isRepeating": false, "shouldDisplay": false,
         "names": [{"kind": "long", "name": "lifeline"}]},
        {"kind": "flag", "isRepeating": false, "shouldDisplay": true,
         "names": [{"kind": "short", "name": "h"}, {"kind": "long", "name": "help"}]}
    ]}}
    """

private let other = """
    {"command": {"arguments": [{"kind": "option", "shouldDisplay": true,
        "names": [{"kind": "long", "name": "audio-root"}]}]}}
    """

private func settings(
    _ environment: [String: String], line: [String] = []
) throws -> EnvironmentSettings {
    try EnvironmentSettings(
        environment, command: OptionTable(dump: work), others: [OptionTable(dump: other)],
        line: line)
}

@Suite("Settings in the environment")
struct EnvironmentSettingsTests {
    @Test("an option's variable becomes a word of the line, whatever its value looks like")
    func option() throws {
        let found = try settings(["SCRIPTORIUM_OUTPUT": "-a b; c", "SCRIPTORIUM_ALPHA": "-0.5"])
        #expect(found.arguments == ["--output=-a b; c", "--alpha=-0.5"])
        #expect(found.variables == ["SCRIPTORIUM_OUTPUT", "SCRIPTORIUM_ALPHA"])
        #expect(found.warnings.isEmpty)
    }

    @Test("every name of an option has a variable")
    func otherName() throws {
        #expect(try settings(["SCRIPTORIUM_LM_WEIGHT": "1"]).arguments == ["--lm-weight=1"])
    }

    @Test("an option that may be repeated takes several values, between semicolons or on lines")
    func repeated() throws {
        let found = try settings(["SCRIPTORIUM_CONNECT": " tcp://a:1; tcp://b:2\ntcp://c d:3 ;\n"])
        #expect(
            found.arguments == [
                "--connect=tcp://a:1", "--connect=tcp://b:2", "--connect=tcp://c d:3",
            ])
    }

    @Test(
        "the line wins, however it names an option",
        arguments: [
            ["--output", "x"], ["--output=x"], ["-o", "x"], ["in", "-o=x"],
            ["--follow-links", "-o", "x"],
        ])
    func lineWins(line: [String]) throws {
        let found = try settings(
            ["SCRIPTORIUM_OUTPUT": "y", "SCRIPTORIUM_CONNECT": "z"], line: line)
        #expect(found.arguments == ["--connect=z"])
    }

    @Test("a repeated option of the line replaces all of the environment's")
    func lineReplaces() throws {
        let found = try settings(["SCRIPTORIUM_CONNECT": "a;b"], line: ["--connect", "c"])
        #expect(found.arguments.isEmpty)
    }

    @Test(
        "a word that only looks like an option is none",
        arguments: [["--connect", "--output"], ["--", "--output"]])
    func noOption(line: [String]) throws {
        #expect(try settings(["SCRIPTORIUM_OUTPUT": "y"], line: line).arguments == ["--output=y"])
    }

    @Test("a flag is true or false", arguments: ["true", "1", "Yes", "on"])
    func flag(value: String) throws {
        #expect(try settings(["SCRIPTORIUM_FOLLOW_LINKS": value]).arguments == ["--follow-links"])
    }

    @Test("a flag that is false is not there", arguments: ["false", "0", "NO", "off", ""])
    func noFlag(value: String) throws {
        #expect(try settings(["SCRIPTORIUM_FOLLOW_LINKS": value]).arguments.isEmpty)
    }

    @Test("a flag that is neither is refused, with the words that will do")
    func oddFlag() {
        let error = #expect(throws: SettingError.self) {
            try settings(["SCRIPTORIUM_FOLLOW_LINKS": "maybe"])
        }
        #expect(error?.description.contains("true or false") == true)
    }

    @Test("nothing is set by empty variables, hidden options, or other programs' variables")
    func nothing() throws {
        let found = try settings([
            "SCRIPTORIUM_OUTPUT": "", "SCRIPTORIUM_LIFELINE": "3", "SCRIPTORIUM_HELP": "true",
            "OUTPUT": "x", "SCRIPTORIUM_STRICT": "1", "SCRIPTORIUM_SERVICE_HOST": "10.0.0.1",
        ])
        #expect(found == EnvironmentSettings())
    }

    @Test("what one run asks for is taken from the line only, and that is said")
    func ofTheLine() throws {
        let found = try settings(["SCRIPTORIUM_OVERWRITE": "true"])
        #expect(found.arguments.isEmpty)
        #expect(found.warnings.count == 1)
        #expect(found.warnings.first?.contains("--overwrite") == true)
    }

    @Test("a variable that nearly names an option is told, with the nearest")
    func misspelt() throws {
        let found = try settings(["SCRIPTORIUM_CONECT": "a", "SCRIPTORIUM_AUDIO_ROOTS": "b"])
        #expect(found.arguments.isEmpty)
        #expect(
            found.warnings == [
                "SCRIPTORIUM_AUDIO_ROOTS sets no option; SCRIPTORIUM_AUDIO_ROOT does",
                "SCRIPTORIUM_CONECT sets no option; SCRIPTORIUM_CONNECT does",
            ])
    }

    @Test("a variable of another command is no mistake")
    func otherCommand() throws {
        #expect(try settings(["SCRIPTORIUM_AUDIO_ROOT": "a"]) == EnvironmentSettings())
    }

    @Test("a command that is asked for its help takes nothing", arguments: ["--help", "-h"])
    func help(word: String) throws {
        let environment = ["SCRIPTORIUM_OUTPUT": "x", "SCRIPTORIUM_FOLLOW_LINKS": "maybe"]
        #expect(try settings(environment, line: [word]) == EnvironmentSettings())
    }
}
