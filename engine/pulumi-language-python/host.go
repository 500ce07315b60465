package main

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/common/util/rpcutil"
	"github.com/pulumi/pulumi/sdk/v3/go/common/version"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/emptypb"
)

// engineHealthInterval is how often the engine is asked whether it still serves, as the official host
// asks it. It is the net under the watch over the parent process.
const engineHealthInterval = 5 * time.Minute

// languageHost answers the CLI: this file holds its life, run.go the programs and plugins,
// environment.go the Python they run with.
type languageHost struct {
	pulumirpc.UnimplementedLanguageRuntimeServer

	executor      string
	tracing       string
	engineAddress string

	// quitting ends, by quit, when this host has to end.
	quitting context.Context
	quit     context.CancelFunc
	// deploying ends, by cancel, when the deployment is cancelled, and when this host has to end. It
	// ends programs, not plugins: a provider has to finish what it is creating.
	deploying context.Context
	cancel    context.CancelFunc
	// children counts the calls that run a program or a plugin.
	children sync.WaitGroup
}

func newLanguageHost(
	quitting context.Context, quit context.CancelFunc, executor, tracing string,
) *languageHost {
	deploying, cancel := context.WithCancel(quitting)
	return &languageHost{
		executor:  executor,
		tracing:   tracing,
		quitting:  quitting,
		quit:      quit,
		deploying: deploying,
		cancel:    cancel,
	}
}

// connect takes the engine's address, and ends this host when the engine no longer answers there.
func (host *languageHost) connect(engineAddress string) error {
	host.engineAddress = engineAddress
	if err := rpcutil.Healthcheck(host.quitting, engineAddress, engineHealthInterval, host.quit); err != nil {
		return fmt.Errorf("watching the engine at %s: %w", engineAddress, err)
	}
	return nil
}

// until is ctx, ended also by the end of other.
func until(ctx, other context.Context) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(ctx)
	unhook := context.AfterFunc(other, cancel)
	return ctx, func() { unhook(); cancel() }
}

// stopChildren ends the Python processes and returns when they are gone. What is left of them after
// their grace is killed, and this host with it.
func (host *languageHost) stopChildren() {
	host.quit()
	ended := make(chan struct{})
	go func() { host.children.Wait(); close(ended) }()
	select {
	case <-ended:
		terminateProcessGroup()
	case <-time.After(2 * endGrace):
		killProcessGroup()
	}
}

// Handshake tells a host that was attached to, not started, where the engine is.
func (host *languageHost) Handshake(
	_ context.Context, req *pulumirpc.LanguageHandshakeRequest,
) (*pulumirpc.LanguageHandshakeResponse, error) {
	return &pulumirpc.LanguageHandshakeResponse{}, host.connect(req.EngineAddress)
}

// GetPluginInfo answers the version of the CLI this host was built with.
func (host *languageHost) GetPluginInfo(context.Context, *emptypb.Empty) (*pulumirpc.PluginInfo, error) {
	return &pulumirpc.PluginInfo{Version: version.Version}, nil
}

// Cancel ends the program that runs; Run returns when it has ended.
func (host *languageHost) Cancel(context.Context, *emptypb.Empty) (*emptypb.Empty, error) {
	host.cancel()
	return &emptypb.Empty{}, nil
}

// notServed refuses what only the official host can do, with the way to get it.
func notServed(what string) error {
	return status.Errorf(codes.Unimplemented,
		"%s needs an official Pulumi installation (https://www.pulumi.com/docs/install/); "+
			"the language host of this one only runs programs and policy packs", what)
}

// Template is what `pulumi new` asks for.
func (host *languageHost) Template(
	context.Context, *pulumirpc.TemplateRequest,
) (*pulumirpc.TemplateResponse, error) {
	return nil, notServed("creating a project from a template")
}

// GenerateProgram is what `pulumi import` asks for to write the imported resources' code.
func (host *languageHost) GenerateProgram(
	context.Context, *pulumirpc.GenerateProgramRequest,
) (*pulumirpc.GenerateProgramResponse, error) {
	return nil, notServed("writing a Python program (`pulumi import --generate-code=false` does without)")
}

// GenerateProject is what `pulumi convert` asks for.
func (host *languageHost) GenerateProject(
	context.Context, *pulumirpc.GenerateProjectRequest,
) (*pulumirpc.GenerateProjectResponse, error) {
	return nil, notServed("converting a project to Python")
}

// GeneratePackage is what `pulumi package add` and `package gen-sdk` ask for.
func (host *languageHost) GeneratePackage(
	context.Context, *pulumirpc.GeneratePackageRequest,
) (*pulumirpc.GeneratePackageResponse, error) {
	return nil, notServed("generating a Python SDK")
}

// Pack is what `pulumi package pack-sdk` asks for.
func (host *languageHost) Pack(context.Context, *pulumirpc.PackRequest) (*pulumirpc.PackResponse, error) {
	return nil, notServed("packing a Python SDK")
}

// Link is what `pulumi package add` asks for after it generated an SDK.
func (host *languageHost) Link(context.Context, *pulumirpc.LinkRequest) (*pulumirpc.LinkResponse, error) {
	return nil, notServed("linking a Python SDK")
}
