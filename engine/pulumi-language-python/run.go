package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"syscall"

	pulumi "github.com/pulumi/pulumi/sdk/v3"
	"github.com/pulumi/pulumi/sdk/v3/go/common/apitype"
	"github.com/pulumi/pulumi/sdk/v3/go/common/util/contract"
	"github.com/pulumi/pulumi/sdk/v3/go/common/util/rpcutil"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"github.com/pulumi/pulumi/sdk/v3/python/toolchain"
	"google.golang.org/grpc/status"
)

// exitAfterMessage is the exit code of a program whose user has been told what is wrong already.
const exitAfterMessage = 32

// Run runs the program to its end. The program writes to this host's own output, which the CLI shows.
func (host *languageHost) Run(
	ctx context.Context, req *pulumirpc.RunRequest,
) (*pulumirpc.RunResponse, error) {
	host.children.Add(1)
	defer host.children.Done()
	ctx, cancel := until(ctx, host.deploying)
	defer cancel()

	if req.AttachDebugger {
		return nil, notServed("attaching a debugger")
	}
	python, options, err := resolve(req.Info, false)
	if err != nil {
		return nil, err
	}
	if err := python.ValidateVenv(ctx); err != nil {
		return nil, err
	}
	if err := checkTypes(ctx, python, options); err != nil {
		return nil, err
	}
	program, err := host.programCommand(ctx, python, req)
	if err != nil {
		return nil, err
	}
	return programResult(onOneThread(program.Run))
}

// programCommand is the official exec script with the arguments and the environment it reads.
func (host *languageHost) programCommand(
	ctx context.Context, python toolchain.Toolchain, req *pulumirpc.RunRequest,
) (*exec.Cmd, error) {
	arguments := []string{host.executor}
	for _, option := range []struct{ name, value string }{
		{"monitor", req.MonitorAddress},
		{"engine", host.engineAddress},
		{"project", req.Project},
		{"stack", req.Stack},
		{"organization", req.Organization},
		{"root_directory", req.Info.RootDirectory},
		{"pwd", req.Pwd},
		{"parallel", strconv.Itoa(int(req.Parallel))},
		{"dry_run", strconv.FormatBool(req.DryRun)},
		{"tracing", host.tracing},
	} {
		if option.value != "" {
			arguments = append(arguments, "--"+option.name, option.value)
		}
	}
	arguments = append(arguments, req.Info.EntryPoint)
	arguments = append(arguments, req.Args...)

	command, err := python.Command(ctx, arguments...)
	if err != nil {
		return nil, err
	}
	command.Stdout, command.Stderr = os.Stdout, os.Stderr
	endWithContext(command)
	command.Env = command.Environ()
	if req.Config != nil {
		config, err := json.Marshal(req.Config)
		if err != nil {
			return nil, fmt.Errorf("writing the configuration for the program: %w", err)
		}
		command.Env = append(command.Env, "PULUMI_CONFIG="+string(config))
	}
	secretKeys, err := json.Marshal(append([]string{}, req.ConfigSecretKeys...))
	if err != nil {
		return nil, fmt.Errorf("writing the configuration's secret keys for the program: %w", err)
	}
	command.Env = append(command.Env, "PULUMI_CONFIG_SECRET_KEYS="+string(secretKeys))
	return command, nil
}

// programResult tells the engine how the program ended.
func programResult(err error) (*pulumirpc.RunResponse, error) {
	var exit *exec.ExitError
	switch {
	case err == nil:
		return &pulumirpc.RunResponse{}, nil
	case !errors.As(err, &exit):
		return &pulumirpc.RunResponse{Error: fmt.Sprintf("could not run the program: %v", err)}, nil
	case exit.ExitCode() == exitAfterMessage:
		return &pulumirpc.RunResponse{Bail: true}, nil
	}
	if ended, ok := exit.Sys().(syscall.WaitStatus); ok && ended.Signaled() {
		return &pulumirpc.RunResponse{
			Error: fmt.Sprintf("program was ended by signal %d (%v)", ended.Signal(), ended.Signal()),
		}, nil
	}
	return &pulumirpc.RunResponse{
		Error: fmt.Sprintf("program exited with non-zero exit code: %d", exit.ExitCode()),
	}, nil
}

// checkTypes runs the type checker `runtime.options.typechecker` names, before the program.
func checkTypes(
	ctx context.Context, python toolchain.Toolchain, options toolchain.PythonOptions,
) error {
	var checker string
	var arguments []string
	switch options.Typechecker {
	case toolchain.TypeCheckerMypy:
		checker = "mypy"
		environment, err := python.VirtualEnvPath(ctx)
		if err != nil {
			return err
		}
		if excluded, err := filepath.Rel(options.ProgramDir, environment); err == nil {
			arguments = append(arguments, "--exclude", excluded)
		}
	case toolchain.TypeCheckerPyright:
		checker = "pyright"
	default:
		return nil
	}
	command, err := python.ModuleCommand(ctx, checker, append(arguments, options.ProgramDir)...)
	if err != nil {
		return err
	}
	endWithContext(command)
	command.Dir = options.ProgramDir
	var report bytes.Buffer
	command.Stdout, command.Stderr = &report, &report
	if err := onOneThread(command.Run); err != nil {
		return fmt.Errorf("%s failed: %w\n%s", checker, err, report.String())
	}
	return nil
}

// RunPlugin runs a policy pack, a provider or another plugin written in Python, and streams what it
// writes and how it ends.
func (host *languageHost) RunPlugin(
	req *pulumirpc.RunPluginRequest, server pulumirpc.LanguageRuntime_RunPluginServer,
) error {
	host.children.Add(1)
	defer host.children.Done()
	ctx, cancel := until(server.Context(), host.quitting)
	defer cancel()

	if req.AttachDebugger {
		return notServed("attaching a debugger")
	}
	isPolicyPack := req.Kind == string(apitype.AnalyzerPlugin)
	python, options, err := resolve(req.Info, !isPolicyPack)
	if err != nil {
		return err
	}
	if err := python.ValidateVenv(ctx); err != nil {
		return err
	}
	command, err := pluginCommand(ctx, python, options, req)
	if err != nil {
		return err
	}
	endWithContext(command)

	closer, stdout, stderr, err := rpcutil.MakeRunPluginStreams(server, false)
	if err != nil {
		return err
	}
	defer contract.IgnoreClose(closer)
	command.Stdout, command.Stderr = stdout, stderr

	run := command.Run
	if isPolicyPack {
		if run, err = configuredPolicyPack(ctx, command); err != nil {
			return err
		}
	}
	command.Env = append(command.Env, req.Env...)
	if err := onOneThread(run); err != nil {
		if ctx.Err() != nil {
			return status.FromContextError(ctx.Err()).Err()
		}
		if command.ProcessState == nil {
			return fmt.Errorf("could not run the plugin %s: %w", req.Name, err)
		}
		return server.Send(&pulumirpc.RunPluginResponse{
			Output: &pulumirpc.RunPluginResponse_Exitcode{
				Exitcode: int32(command.ProcessState.ExitCode()),
			},
		})
	}
	return closer.Close()
}

// pluginCommand is how a plugin is run: a policy pack by its SDK's server, a folder with a
// `__main__.py` as a program, a Python package by its SDK's runner.
func pluginCommand(
	ctx context.Context, python toolchain.Toolchain, options toolchain.PythonOptions,
	req *pulumirpc.RunPluginRequest,
) (*exec.Cmd, error) {
	directory := req.Info.ProgramDirectory
	if req.Kind == string(apitype.AnalyzerPlugin) {
		// A policy pack takes its folder last and runs in it; everything else takes it first.
		arguments := append([]string{"-u", "-m", "pulumi.policy"}, req.Args...)
		command, err := python.Command(ctx, append(arguments, directory)...)
		if err != nil {
			return nil, err
		}
		command.Dir = directory
		return command, nil
	}

	arguments := append([]string{directory}, req.Args...)
	if _, err := os.Stat(filepath.Join(options.Root, "__main__.py")); errors.Is(err, os.ErrNotExist) {
		buildable, err := toolchain.IsBuildablePackage(options.Root)
		if err != nil {
			return nil, fmt.Errorf("reading the plugin's pyproject.toml: %w", err)
		}
		if !buildable {
			return nil, fmt.Errorf(
				"the plugin in %s cannot be run: it has neither a __main__.py nor a pyproject.toml that "+
					"can be built", options.Root)
		}
		project, err := toolchain.LoadPyproject(options.Root)
		if err != nil {
			return nil, fmt.Errorf("reading the plugin's pyproject.toml: %w", err)
		}
		arguments = append([]string{"-m", "pulumi.run.plugin", project.Project.Name}, req.Args...)
	} else if err != nil {
		return nil, err
	}
	command, err := python.Command(ctx, arguments...)
	if err != nil {
		return nil, err
	}
	command.Dir = req.Pwd
	return command, nil
}

// configuredPolicyPack waits for the engine to say which stack is judged, puts that into the policy
// pack's environment, where the Python policy SDK reads it, and returns how to run the pack. Between
// the two stands the SDK's own proxy, which answers the engine until the pack does.
func configuredPolicyPack(ctx context.Context, command *exec.Cmd) (func() error, error) {
	proxy, stdout, err := pulumi.NewPolicyProxy(ctx, command.Stdout)
	if err != nil {
		return nil, fmt.Errorf("could not start the policy pack's proxy: %w", err)
	}
	stack, err := proxy.AwaitConfiguration(ctx)
	if err != nil {
		return nil, fmt.Errorf("the engine did not say which stack the policy pack judges: %w", err)
	}
	if stack != nil {
		variables := map[string]string{
			"PULUMI_ORGANIZATION": stack.Organization,
			"PULUMI_PROJECT":      stack.Project,
			"PULUMI_STACK":        stack.Stack,
			"PULUMI_DRY_RUN":      strconv.FormatBool(stack.DryRun),
		}
		if stack.Config != nil {
			config, err := json.Marshal(stack.Config)
			if err != nil {
				return nil, fmt.Errorf("writing the configuration for the policy pack: %w", err)
			}
			variables["PULUMI_CONFIG"] = string(config)
		}
		for name, value := range variables {
			if value != "" {
				command.Env = append(command.Env, name+"="+value)
			}
		}
	}
	command.Stdout = stdout
	return func() error {
		if err := command.Start(); err != nil {
			return err
		}
		return proxy.Attach(ctx, command)
	}, nil
}
