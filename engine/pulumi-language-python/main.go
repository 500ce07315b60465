// Command pulumi-language-python is the language host the Pulumi CLI starts to run Python programs
// and Python policy packs.
//
// An official Pulumi installation brings its own host. This one exists for engines built from Go
// modules: the CLI's module can be had from the module proxy, the module of the official host cannot.
// It answers what the CLI asks while it deploys, and refuses what writes Python code
// (`pulumi convert`, `package add` and the like), which needs the official host.
//
// Usage, as the CLI calls it: pulumi-language-python [--tracing ENDPOINT] [ENGINE_ADDRESS]
//
// It prints the port it serves on as its first line. It ends at once on SIGINT and SIGTERM, and when
// the process that started it is gone, and takes the Python processes it started with it.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"

	"github.com/pulumi/pulumi/sdk/v3/go/common/util/cmdutil"
	"github.com/pulumi/pulumi/sdk/v3/go/common/util/logging"
	"github.com/pulumi/pulumi/sdk/v3/go/common/util/rpcutil"
	"github.com/pulumi/pulumi/sdk/v3/go/common/version"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/grpc"
)

// executorName is Pulumi's own script that connects a Python program to the engine. It is installed
// beside this binary.
const executorName = "pulumi-language-python-exec"

func main() {
	if err := serve(); err != nil {
		cmdutil.Exit(fmt.Errorf("pulumi-language-python: %w", err))
	}
}

func serve() error {
	tracing := flag.String("tracing", "", "a Zipkin-compatible endpoint the program sends its traces to")
	printVersion := flag.Bool("version", false, "print the version and exit")
	flag.Parse()
	if *printVersion {
		fmt.Println(version.Version)
		return nil
	}
	logging.InitLogging(false, 0, false)

	executor, err := installedExecutor()
	if err != nil {
		return err
	}

	quitting, quit := signal.NotifyContext(
		context.Background(), syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP,
	)
	defer quit()
	orphaned := watchParent()
	if err := leadProcessGroup(); err != nil {
		return err
	}

	host := newLanguageHost(quitting, quit, executor, *tracing)
	if engineAddress := flag.Arg(0); engineAddress != "" {
		if err := host.connect(engineAddress); err != nil {
			return err
		}
	}

	server, err := rpcutil.ServeWithOptions(rpcutil.ServeOptions{
		Init: func(srv *grpc.Server) error {
			pulumirpc.RegisterLanguageRuntimeServer(srv, host)
			return nil
		},
		Options: rpcutil.TracingServerInterceptorOptions(nil),
	})
	if err != nil {
		return err
	}
	fmt.Println(server.Port)

	select {
	case <-orphaned:
		// Nobody is left to read what a graceful end would say.
		killProcessGroup()
	case <-quitting.Done():
	case err = <-server.Done:
	}
	host.stopChildren()
	return err
}

// installedExecutor finds the exec script beside this binary; the CLI may have been reached by a
// symbolic link, so links are followed.
func installedExecutor() (string, error) {
	self, err := os.Executable()
	if err != nil {
		return "", fmt.Errorf("finding this binary: %w", err)
	}
	if self, err = filepath.EvalSymlinks(self); err != nil {
		return "", fmt.Errorf("finding this binary: %w", err)
	}
	executor := filepath.Join(filepath.Dir(self), executorName)
	if _, err := os.Stat(executor); errors.Is(err, os.ErrNotExist) {
		return "", fmt.Errorf("%s is missing beside %s: install the engine again", executorName, self)
	} else if err != nil {
		return "", err
	}
	return executor, nil
}
