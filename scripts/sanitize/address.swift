// A read of freed memory, which shows that AddressSanitizer finds one and that it is heard of.
let freed = UnsafeMutablePointer<Int>.allocate(capacity: 1)
freed.initialize(to: 1)
freed.deallocate()
print(freed.pointee)
