/// Greys and sizes of a picture.
enum Ink {
    static let text = "#1A1A1A"
    static let quiet = "#555555"
    static let axis = "#7A7A7A"
    static let grid = "#DEDEDE"
    static let fonts = "Helvetica, Arial, 'Liberation Sans', 'DejaVu Sans', sans-serif"

    static let titleSize = 16.0
    static let textSize = 11.0
    static let tickSize = 10.0
}
