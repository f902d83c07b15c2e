#ifndef FAILING_DISK_H
#define FAILING_DISK_H

/// Lets the sync after `syncs` more fail, once: later ones say that all is well, as a kernel does that
/// has dropped the pages it could not write.
void failing_disk_after(int syncs);

#endif
