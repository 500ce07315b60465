package main

import (
	"fmt"

	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"github.com/pulumi/pulumi/sdk/v3/python/toolchain"
)

// pluginVirtualenv is where a plugin's packages are looked for when it names no other place: a plugin
// never runs with the user's own Python packages.
const pluginVirtualenv = "venv"

// pythonOptions reads `runtime.options` of a project, policy pack or plugin.
func pythonOptions(info *pulumirpc.ProgramInfo, isPlugin bool) (toolchain.PythonOptions, error) {
	options := toolchain.PythonOptions{Root: info.RootDirectory, ProgramDir: info.ProgramDirectory}
	given := info.Options.AsMap()

	text := func(key string) (string, error) {
		value, found := given[key]
		if !found {
			return "", nil
		}
		if text, ok := value.(string); ok {
			return text, nil
		}
		return "", fmt.Errorf("runtime option %q must be a string, it is %v", key, value)
	}

	var err error
	if options.Virtualenv, err = text("virtualenv"); err != nil {
		return options, err
	}

	kind, err := text("toolchain")
	if err != nil {
		return options, err
	}
	switch kind {
	case "":
		options.Toolchain = toolchain.Auto
	case "pip":
		options.Toolchain = toolchain.Pip
	case "poetry":
		options.Toolchain = toolchain.Poetry
	case "uv":
		options.Toolchain = toolchain.Uv
	default:
		return options, fmt.Errorf("unsupported toolchain option %q: it can be pip, poetry or uv", kind)
	}

	checker, err := text("typechecker")
	if err != nil {
		return options, err
	}
	switch checker {
	case "":
		options.Typechecker = toolchain.TypeCheckerNone
	case "mypy":
		options.Typechecker = toolchain.TypeCheckerMypy
	case "pyright":
		options.Typechecker = toolchain.TypeCheckerPyright
	default:
		return options, fmt.Errorf("unsupported typechecker option %q: it can be mypy or pyright", checker)
	}

	usesVirtualenv := options.Toolchain == toolchain.Pip || options.Toolchain == toolchain.Auto
	if isPlugin && usesVirtualenv && options.Virtualenv == "" {
		options.Virtualenv = pluginVirtualenv
	}
	return options, nil
}

// resolve finds the Python that `runtime.options` name; relative paths are relative to the folder of
// Pulumi.yaml (PulumiPolicy.yaml, PulumiPlugin.yaml).
func resolve(
	info *pulumirpc.ProgramInfo, isPlugin bool,
) (toolchain.Toolchain, toolchain.PythonOptions, error) {
	options, err := pythonOptions(info, isPlugin)
	if err != nil {
		return nil, options, err
	}
	python, err := toolchain.ResolveToolchain(options)
	return python, options, err
}
