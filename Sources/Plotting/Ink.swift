/// Greys and sizes of a picture.
package enum Ink {
    package static let text = "#1A1A1A"
    package static let quiet = "#555555"
    package static let axis = "#7A7A7A"
    package static let grid = "#DEDEDE"
    package static let fonts = "Helvetica, Arial, 'Liberation Sans', 'DejaVu Sans', sans-serif"

    package static let titleSize = 16.0
    package static let textSize = 11.0
    package static let tickSize = 10.0
}
