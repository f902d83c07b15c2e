/// The part of a slot's name that names the machine.
package func hostOfSlot(_ slot: String) -> Substring {
    slot.lastIndex(of: "/").map { slot[..<$0] } ?? slot[...]
}
