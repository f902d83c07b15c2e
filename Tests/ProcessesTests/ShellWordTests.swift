import Processes
import Testing

@Suite("Words for a shell")
struct ShellWordTests {
    @Test(
        "a word is what a shell takes for the text",
        arguments: [
            ("out.jsonl", "out.jsonl"), ("/a/b_c-1.jsonl", "/a/b_c-1.jsonl"), ("a b", "'a b'"),
            ("it's", #"'it'\''s'"#), ("$(x)`;", "'$(x)`;'"), ("", "''"), ("-rf", "./'-rf'"),
            ("Ü", "'Ü'"),
        ])
    func quoted(text: String, word: String) {
        #expect(ShellWord.quoted(text) == word)
    }
}
