#ifndef BOUNDARIES_H
#define BOUNDARIES_H

/// Watches every call of this process that changes a file or sends something, and ends the process with
/// SIGKILL before or after one of them.
///
/// A boundary is the n-th call of one kind on one kind of file or message, by one role. The environment says
/// what is to happen:
///
/// - `BOUNDARY_LOG`: a file to which each boundary is appended, a line `ROLE CALL KIND` for each.
/// - `BOUNDARY_KILL`: `ROLE CALL KIND NUMBER before` or `... after`, counted from 1.
/// - `BOUNDARY_MARK`: a file that is made right before the kill; where it exists nothing is killed, so that
///   the processes that come after the first go on.
/// - `BOUNDARY_MESSAGES`: with `.ROLE` after it, a file to which each message is appended right before it is
///   sent, its length before it as 4 little-endian bytes.
///
/// Does nothing where none of them is set.
///
/// - Parameter role: of this process, a word.
void boundaries_begin(const char *role);

#endif
