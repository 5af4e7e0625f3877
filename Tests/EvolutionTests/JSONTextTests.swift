import Testing

@testable import Evolution

struct JSONTextTests {
    @Test(
        "Lists and null have one text",
        arguments: [
            ("null", "null"), (" [ ] ", "[]"), ("[1, 2.50,-3e2 ,\n1E-7]", "[1,2.5,-300.0,1e-07]"),
            (#"["a", "\"\\\/", "\u00e9\ud83d\ude00"]"#, #"["a","\"\\/","é😀"]"#),
            ("[true,false,null,[[]]]", "[true,false,null,[[]]]"), ("[-0.0,-0]", "[-0.0,0]"),
        ])
    func canonical(text: String, expected: String) {
        #expect(JSONText.canonical(text) == expected)
        #expect(JSONText.canonical(expected) == expected)
    }

    @Test(
        "What else there is has none",
        arguments: [
            "", "1", "\"a\"", "true", "{}", "[", "[1", "[1,]", "[,1]", "[1 2]", "[1]]", "nul",
            "[nan]", "[Infinity]", "[+1]", "[.5]", "[0x1]", "[1e999]", #"["a]"#, #"["\n"]"#,
            #"["\u0007"]"#, #"["\ud83d"]"#, #"["\u12"]"#, "[\"\u{202E}\"]", "[[[[[[[[[1]]]]]]]]]",
        ])
    func refused(text: String) {
        #expect(JSONText.canonical(text) == nil)
    }

    @Test("Lists match whichever way their numbers are written")
    func matches() {
        #expect(Value.json("[1,2.5]").matches(.json("[1.0,2.5]")))
        #expect(!Value.json("[1,2.5]").matches(.json("[1,2]")))
        #expect(!Value.json("[1]").matches(.integer(1)))
        #expect(Value.null.matches(.null))
        let values: [Value] = [.integer(1), .text("a\"\\"), .flag(true), .null, .json("[0.5]")]
        let text = JSONText.list(values)
        #expect(text == #"[1,"a\"\\",true,null,[0.5]]"#)
        #expect(JSONText.canonical(text) == text)
    }
}
