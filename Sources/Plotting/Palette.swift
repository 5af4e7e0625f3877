import Foundation

/// The colours of members.
///
/// The best member is nearly black and drawn thick, so that it stands out in print without colours
/// too. A few others have colours that differ, also for those who do not see all of them; many
/// have a colour that says how they rank.
package enum Palette {
    package static let best = "#111111"
    /// With more members than this, colours say ranks instead of members.
    package static let most = distinct.count + 1

    /// The colour of a member, by its place from 0 for the best among all.
    package static func colour(place: Int, of count: Int) -> String {
        if place == 0 { return best }
        return count <= most
            ? distinct[place - 1] : scale(Double(place - 1) / Double(max(count - 2, 1)))
    }

    /// After Okabe and Ito, and Paul Tol's muted scheme, without what is too light for thin lines.
    private static let distinct = [
        "#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#882255", "#999933",
        "#332288", "#8C564B", "#7F7F7F",
    ]

    /// From dark violet for the best to light green for the worst, in steps that look even: the
    /// lightness of OKLCH rises evenly, so that it is an even scale of greys in print.
    package static func scale(_ place: Double) -> String {
        let place = min(max(place, 0), 1)
        return hex(
            lightness: 0.38 + 0.44 * place, chroma: 0.1, hue: (300 - 180 * place) * .pi / 180)
    }

    /// A colour of OKLCH (Ottosson, "A perceptual color space for image processing", 2020).
    private static func hex(lightness: Double, chroma: Double, hue: Double) -> String {
        let (a, b) = (chroma * cos(hue), chroma * sin(hue))
        let l = pow(lightness + 0.3963377774 * a + 0.2158037573 * b, 3)
        let m = pow(lightness - 0.1055613458 * a - 0.0638541728 * b, 3)
        let s = pow(lightness - 0.0894841775 * a - 1.2914855480 * b, 3)
        let linear = [
            4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s,
            -1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s,
            -0.0041960863 * l - 0.7034186147 * m + 1.7076147010 * s,
        ]
        return "#" + linear.map { String(format: "%02X", byte($0)) }.joined()
    }

    /// Linear light as sRGB has it.
    private static func byte(_ linear: Double) -> Int {
        let light = min(max(linear, 0), 1)
        let value = light <= 0.0031308 ? 12.92 * light : 1.055 * pow(light, 1 / 2.4) - 0.055
        return Int((value * 255).rounded())
    }
}
