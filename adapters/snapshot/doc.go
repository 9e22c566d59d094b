// Package snapshot keeps read models in memory and copies them to a file now and then, so that a process that starts
// again goes on from there instead of folding the whole log.
//
// Memory is what is read and written; the file is only a shorter way to it. It holds rows and checkpoints of one instant,
// stands under its name only when it is complete and on the disk, and ends with a checksum. When it is opened everything
// is verified: the checksum, the layout, the models with their versions, and that the log is the one that was folded. A
// file that is torn, damaged, foreign or of another log is told in the logger and left aside: the read models are then
// folded from the beginning of the log. Whatever happens to the file, no view is ever wrong for it.
package snapshot
