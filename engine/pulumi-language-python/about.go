package main

import (
	"context"
	"encoding/json"
	"fmt"

	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"github.com/pulumi/pulumi/sdk/v3/python/toolchain"
)

// aboutPip asks the project's Python about itself and pip in one process. The toolchain's own About
// starts three, one of them pip, which takes as much time as a fifth of a preview.
const aboutPip = `
import importlib.metadata, json, platform, sys
pip = [d.version for d in importlib.metadata.distributions(name="pip")]
print(json.dumps([sys.executable, platform.python_version(), *pip[:1]]))
`

// About is the `pulumi about` of the project's Python, or of the one on PATH outside of a project. The
// engine asks for it in every update and preview as well.
func (host *languageHost) About(
	ctx context.Context, req *pulumirpc.AboutRequest,
) (*pulumirpc.AboutResponse, error) {
	ctx, cancel := until(ctx, host.quitting)
	defer cancel()
	options := toolchain.PythonOptions{Toolchain: toolchain.Pip}
	if req.GetInfo() != nil {
		var err error
		if options, err = pythonOptions(req.Info, false); err != nil {
			return nil, err
		}
	}
	python, err := toolchain.ResolveToolchain(options)
	if err != nil {
		return nil, err
	}
	executable, version, toolchainVersion, err := versions(ctx, python, options)
	if err != nil {
		return nil, err
	}
	return &pulumirpc.AboutResponse{
		Executable: executable,
		Version:    version,
		Metadata: map[string]string{
			"toolchain":        toolchain.Name(options.Toolchain),
			"toolchainVersion": toolchainVersion,
			"typechecker":      toolchain.TypeCheckerName(options.Typechecker),
		},
	}, nil
}

// versions are the path and version of Python, and the version of the toolchain, if it has one.
func versions(
	ctx context.Context, python toolchain.Toolchain, options toolchain.PythonOptions,
) (executable, version, toolchainVersion string, err error) {
	if options.Toolchain != toolchain.Pip {
		about, err := python.About(ctx)
		if err != nil {
			return "", "", "", err
		}
		return about.PythonExecutable, about.PythonVersion.String(), about.ToolchainVersion.String(), nil
	}
	command, err := python.Command(ctx, "-c", aboutPip)
	if err != nil {
		return "", "", "", err
	}
	output, err := command.Output()
	if err != nil {
		return "", "", "", fmt.Errorf("asking %s for its version: %w", command.Path, err)
	}
	var found []string
	if err := json.Unmarshal(output, &found); err != nil || len(found) < 2 {
		return "", "", "", fmt.Errorf("%s told no version: %q", command.Path, output)
	}
	return found[0], found[1], append(found, "")[2], nil
}
