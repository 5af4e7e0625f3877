// A race, which shows that ThreadSanitizer finds one and that it is heard of.
import Foundation

nonisolated(unsafe) var count = 0
let threads = (0..<2).map { _ in Thread { for _ in 0..<1000 { count += 1 } } }
for thread in threads { thread.start() }
while threads.contains(where: { !$0.isFinished }) { Thread.sleep(forTimeInterval: 0.01) }
