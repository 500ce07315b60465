//go:build !linux

package main

import "syscall"

// dieWithParent can ask nothing of this kernel: the process group is what ends the process.
func dieWithParent() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{}
}
