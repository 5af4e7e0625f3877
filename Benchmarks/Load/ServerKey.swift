import ArgumentParser
import ZeroMQ

/// Gives the floor the key that clients expect who have a secret.
struct ServerKey: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Prints a secret's key of the server's side as hexadecimal digits.")

    @Argument var secret: String

    func run() {
        let key = SharedSecret(secret).keys().server.secretKey
        let digits = key.bytes.map { byte in
            let digits = String(byte, radix: 16)
            return digits.count == 1 ? "0" + digits : digits
        }
        print(digits.joined())
    }
}
