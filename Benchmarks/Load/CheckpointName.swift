/// A checkpoint's address as long as most are: 40 bytes.
///
/// - Parameter number: different for each checkpoint.
func checkpointName(_ number: UInt64) -> String {
    let digits = String(number, radix: 16)
    return "/mnt/checkpoints/bench/" + String(repeating: "0", count: 17 - digits.count) + digits
}
