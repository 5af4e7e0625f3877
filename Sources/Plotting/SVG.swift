import Foundation
import Histories

/// Writes a picture as SVG.
package struct SVG {
    package private(set) var text = ""

    package typealias Attributes = KeyValuePairs<String, String>

    package mutating func element(_ name: String, _ attributes: Attributes) {
        text += "<\(name)\(Self.text(attributes))/>\n"
    }

    package mutating func element(
        _ name: String, _ attributes: Attributes = [:], saying words: String
    ) {
        text += "<\(name)\(Self.text(attributes))>\(Self.escaped(words))</\(name)>\n"
    }

    package mutating func group(
        _ name: String = "g", _ attributes: Attributes, _ body: (inout SVG) -> Void
    ) {
        text += "<\(name)\(Self.text(attributes))>\n"
        body(&self)
        text += "</\(name)>\n"
    }

    /// A text, and what follows it in another style.
    package mutating func words(
        _ attributes: Attributes, _ words: String, then second: String?, _ style: Attributes
    ) {
        let span = second.map { "<tspan\(Self.text(style))>\(Self.escaped($0))</tspan>" } ?? ""
        text += "<text\(Self.text(attributes))>\(Self.escaped(words))\(span)</text>\n"
    }

    package mutating func label(_ label: TickLabel, _ attributes: Attributes) {
        words(
            attributes, label.text, then: label.exponent, ["dy": "-3.5", "font-size": "7.5"])
    }

    private static func text(_ attributes: Attributes) -> String {
        attributes.map { " \($0)=\"\(escaped($1))\"" }.joined()
    }

    /// Text as XML has it. What would steer a terminal or turn the direction of writing is shown
    /// by its code, and with it what XML cannot hold at all.
    package static func escaped(_ text: String) -> String {
        var result = ""
        for scalar in Terminal.escaped(text).unicodeScalars {
            switch scalar {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "\"": result += "&quot;"
            case "'": result += "&#39;"
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }

    /// A length in user units, to a hundredth.
    package static func number(_ value: Double) -> String {
        let hundredths = Int((value * 100).rounded())
        let (whole, rest) = hundredths.magnitude.quotientAndRemainder(dividingBy: 100)
        let sign = hundredths < 0 ? "-" : ""
        if rest == 0 { return "\(sign)\(whole)" }
        if rest.isMultiple(of: 10) { return "\(sign)\(whole).\(rest / 10)" }
        return "\(sign)\(whole).\(rest < 10 ? "0" : "")\(rest)"
    }

    /// A path through points; a single point is a dot, for lines have round ends.
    package static func path(_ strokes: [[Position]]) -> String {
        var path = ""
        for stroke in strokes {
            for (index, point) in stroke.enumerated() {
                path += index == 0 ? "M" : "L"
                path += number(point.x) + " " + number(point.y)
            }
            if stroke.count == 1 { path += "h0" }
        }
        return path
    }

    /// A place in the picture, in user units from its top left.
    package struct Position: Hashable {
        package var x: Double
        package var y: Double
    }

    /// About how wide a text is in a font without serifs: rather too wide than too narrow.
    package static func width(_ text: String, size: Double) -> Double {
        Terminal.escaped(text).reduce(0) { $0 + width($1) } * size
    }

    /// In ems, after Helvetica and a little more, for not all such fonts are as narrow.
    private static func width(_ character: Character) -> Double {
        switch character {
        case "i", "j", "l", "f", "t", "I", " ", ".", ",", ":", ";", "|", "!", "'", "\u{202F}": 0.31
        case "m", "w", "M", "W", "@": 0.9
        case "A"..."Z": 0.74
        default: Terminal.width(String(character)) > 1 ? 1.05 : 0.6
        }
    }
}

extension TickLabel {
    package func width(size: Double) -> Double {
        SVG.width(text, size: size) + SVG.width(exponent ?? "", size: size * 0.75)
    }
}
