package main

import (
	"io"
	"os"
	"os/exec"
	"os/signal"
	"runtime"
	"syscall"
	"time"
)

const (
	// endGrace is how long a Python process has after SIGTERM before it is killed. The CLI kills a
	// host that needs more than 5 s, so twice this has to be less.
	endGrace = 2 * time.Second

	// parentPollInterval bounds how long an orphaned host lives when its standard input tells nothing.
	parentPollInterval = 250 * time.Millisecond
)

// leadProcessGroup puts this host at the head of a process group of its own, where the CLI puts it
// already. Its children stay in that group: the CLI's signals to the group then reach them even when
// the host was killed, and the host can end all of them with one signal.
func leadProcessGroup() error {
	if syscall.Getpgrp() == os.Getpid() {
		return nil
	}
	return os.NewSyscallError("setpgid", syscall.Setpgid(0, 0))
}

// killProcessGroup kills every process of the group, this one included: it does not return.
func killProcessGroup() {
	_ = syscall.Kill(0, syscall.SIGKILL)
}

// terminateProcessGroup asks what the Python processes may have started themselves to end.
func terminateProcessGroup() {
	signal.Ignore(syscall.SIGTERM)
	_ = syscall.Kill(0, syscall.SIGTERM)
}

// watchParent returns a channel that is closed when the process that started this host is gone,
// however it ended. The CLI holds the other end of the host's standard input open for as long as it
// lives; where standard input is no pipe, the parent's process id is watched.
func watchParent() <-chan struct{} {
	gone := make(chan struct{}, 2)
	if info, err := os.Stdin.Stat(); err == nil && info.Mode()&os.ModeNamedPipe != 0 {
		go func() {
			_, _ = io.Copy(io.Discard, os.Stdin)
			gone <- struct{}{}
		}()
	}
	parent := os.Getppid()
	go func() {
		for os.Getppid() == parent {
			time.Sleep(parentPollInterval)
		}
		gone <- struct{}{}
	}()
	return gone
}

// endWithContext makes the end of cmd's context a SIGTERM, and a kill after the grace. SIGINT, which
// the official host sends, would have Python print the traceback of a KeyboardInterrupt after the
// CLI's own message. On Linux the kernel kills the process when this host dies.
func endWithContext(cmd *exec.Cmd) {
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	cmd.WaitDelay = endGrace
	cmd.SysProcAttr = dieWithParent()
}

// onOneThread runs f on a thread of its own. What dieWithParent asks of the kernel is bound to the
// thread that started the process, not to this process.
func onOneThread(f func() error) error {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	return f()
}
