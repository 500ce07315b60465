package main

import (
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"
	"github.com/pulumi/pulumi/sdk/v3/go/common/util/contract"
	"github.com/pulumi/pulumi/sdk/v3/go/common/util/rpcutil"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"github.com/pulumi/pulumi/sdk/v3/python/toolchain"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
)

// GetRequiredPackages makes sure that the program's virtual environment is there, and names no
// packages, so that nothing is downloaded before the program runs. The official host names the plugin
// of every Pulumi package it finds, and the engine then downloads each of them, also one that
// PULUMI_DEBUG_PROVIDERS attaches and that will never be used. Nothing is lost by naming none: each
// resource a program registers names its plugin and version, and the engine fetches what is missing
// then.
func (host *languageHost) GetRequiredPackages(
	ctx context.Context, req *pulumirpc.GetRequiredPackagesRequest,
) (*pulumirpc.GetRequiredPackagesResponse, error) {
	ctx, cancel := until(ctx, host.quitting)
	defer cancel()
	python, _, err := resolve(req.Info, false)
	if err != nil {
		return nil, err
	}
	engine, closer, err := host.dialEngine()
	if err != nil {
		return nil, err
	}
	defer contract.IgnoreClose(closer)
	stdout, stderr := progressWriters(ctx, engine)
	if err := python.EnsureVenv(ctx, req.Info.ProgramDirectory, false, true, stdout, stderr); err != nil {
		return nil, err
	}
	return &pulumirpc.GetRequiredPackagesResponse{}, nil
}

// GetRequiredPlugins is what CLIs older than GetRequiredPackages ask; the answer is the same.
func (host *languageHost) GetRequiredPlugins(
	context.Context, *pulumirpc.GetRequiredPluginsRequest,
) (*pulumirpc.GetRequiredPluginsResponse, error) {
	return &pulumirpc.GetRequiredPluginsResponse{}, nil
}

// InstallDependencies is `pulumi install`: it installs what the project's toolchain finds listed.
func (host *languageHost) InstallDependencies(
	req *pulumirpc.InstallDependenciesRequest, server pulumirpc.LanguageRuntime_InstallDependenciesServer,
) error {
	ctx, cancel := until(server.Context(), host.quitting)
	defer cancel()
	python, _, err := resolve(req.Info, req.IsPlugin)
	if err != nil {
		return err
	}
	closer, stdout, stderr, err := rpcutil.MakeInstallDependenciesStreams(server, req.IsTerminal)
	if err != nil {
		return err
	}
	defer contract.IgnoreClose(closer)

	directory := req.Info.ProgramDirectory
	fmt.Fprint(stdout, "Installing dependencies...\n\n")
	if req.IsPlugin {
		if err := installPackage(ctx, python, req, stdout, stderr); err != nil {
			return err
		}
	}
	if err := python.InstallDependencies(
		ctx, directory, req.UseLanguageVersionTools, true, stdout, stderr,
	); err != nil {
		return err
	}
	fmt.Fprint(stdout, "Finished installing dependencies\n\n")
	return closer.Close()
}

// installPackage installs a plugin that is a Python package itself; others have nothing but
// dependencies.
func installPackage(
	ctx context.Context, python toolchain.Toolchain, req *pulumirpc.InstallDependenciesRequest,
	stdout, stderr io.Writer,
) error {
	directory := req.Info.ProgramDirectory
	buildable, err := toolchain.IsBuildablePackage(directory)
	if err != nil {
		return fmt.Errorf("reading the plugin's pyproject.toml: %w", err)
	}
	if !buildable {
		return nil
	}
	if err := python.EnsureVenv(
		ctx, directory, req.UseLanguageVersionTools, true, stdout, stderr,
	); err != nil {
		return fmt.Errorf("creating the plugin's virtual environment: %w", err)
	}
	install, err := python.ModuleCommand(ctx, "pip", "install", directory)
	if err != nil {
		return err
	}
	install.Stdout, install.Stderr = stdout, stderr
	if err := install.Run(); err != nil {
		return fmt.Errorf("installing the plugin's package: %w", err)
	}
	return nil
}

// RuntimeOptionsPrompts tells `pulumi new` and `pulumi install` which runtime options are still open.
func (host *languageHost) RuntimeOptionsPrompts(
	_ context.Context, req *pulumirpc.RuntimeOptionsRequest,
) (*pulumirpc.RuntimeOptionsResponse, error) {
	text := func(value string) *pulumirpc.RuntimeOptionPrompt_RuntimeOptionValue {
		return &pulumirpc.RuntimeOptionPrompt_RuntimeOptionValue{
			PromptType:  pulumirpc.RuntimeOptionPrompt_STRING,
			StringValue: value,
			DisplayName: value,
		}
	}
	given := req.Info.Options.AsMap()
	kind, chosen := given["toolchain"]
	_, placed := given["virtualenv"]

	response := &pulumirpc.RuntimeOptionsResponse{}
	switch {
	case !chosen:
		response.Prompts = append(response.Prompts, &pulumirpc.RuntimeOptionPrompt{
			Key:         "toolchain",
			Description: "The toolchain to use for installing dependencies and running the program",
			PromptType:  pulumirpc.RuntimeOptionPrompt_STRING,
			Choices: append(
				[]*pulumirpc.RuntimeOptionPrompt_RuntimeOptionValue{text("pip")},
				plugin.MakeExecutablePromptChoices("poetry", "uv")...,
			),
			Default: text("pip"),
		})
	case kind == "pip" && !placed:
		response.Prompts = append(response.Prompts, &pulumirpc.RuntimeOptionPrompt{
			Key:         "virtualenv",
			Description: "The virtualenv to use",
			PromptType:  pulumirpc.RuntimeOptionPrompt_STRING,
			Choices:     []*pulumirpc.RuntimeOptionPrompt_RuntimeOptionValue{text("venv")},
			Default:     text("venv"),
		})
	}
	return response, nil
}

// GetProgramDependencies lists the packages of the program's Python.
func (host *languageHost) GetProgramDependencies(
	ctx context.Context, req *pulumirpc.GetProgramDependenciesRequest,
) (*pulumirpc.GetProgramDependenciesResponse, error) {
	ctx, cancel := until(ctx, host.quitting)
	defer cancel()
	python, _, err := resolve(req.Info, false)
	if err != nil {
		return nil, err
	}
	packages, err := python.ListPackages(ctx, req.TransitiveDependencies)
	if err != nil {
		return nil, fmt.Errorf("listing the program's Python packages: %w", err)
	}
	response := &pulumirpc.GetProgramDependenciesResponse{}
	for _, found := range packages {
		response.Dependencies = append(response.Dependencies,
			&pulumirpc.DependencyInfo{Name: found.Name, Version: found.Version})
	}
	return response, nil
}

func (host *languageHost) dialEngine() (pulumirpc.EngineClient, io.Closer, error) {
	if host.engineAddress == "" {
		return nil, nil, fmt.Errorf("this language host was started without the engine's address")
	}
	connection, err := grpc.NewClient(host.engineAddress,
		grpc.WithTransportCredentials(insecure.NewCredentials()), rpcutil.GrpcChannelOptions())
	if err != nil {
		return nil, nil, fmt.Errorf("connecting to the engine at %s: %w", host.engineAddress, err)
	}
	return pulumirpc.NewEngineClient(connection), connection, nil
}

// progressWriters show what is written to them as passing messages of the engine, one stream of them.
func progressWriters(
	ctx context.Context, engine pulumirpc.EngineClient,
) (stdout, stderr io.Writer) {
	stream := rand.Int32()
	return &progressWriter{ctx, engine, pulumirpc.LogSeverity_INFO, stream},
		&progressWriter{ctx, engine, pulumirpc.LogSeverity_ERROR, stream}
}

type progressWriter struct {
	ctx      context.Context
	engine   pulumirpc.EngineClient
	severity pulumirpc.LogSeverity
	stream   int32
}

func (writer *progressWriter) Write(text []byte) (int, error) {
	_, err := writer.engine.Log(writer.ctx, &pulumirpc.LogRequest{
		Severity:  writer.severity,
		Message:   strings.ToValidUTF8(string(text), "\uFFFD"),
		StreamId:  writer.stream,
		Ephemeral: true,
	})
	if err != nil {
		return 0, err
	}
	return len(text), nil
}
