// Reads an SPDX document with the SPDX project's own library, checks its relationships and verification codes, and writes and
// reads it again as tag-value, whose reader is strict about fields.
package main

import (
	"bytes"
	"fmt"
	"os"

	"github.com/spdx/tools-golang/json"
	"github.com/spdx/tools-golang/spdx"
	"github.com/spdx/tools-golang/spdxlib"
	"github.com/spdx/tools-golang/tagvalue"
	"github.com/spdx/tools-golang/utils"
)

func fail(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func main() {
	file, err := os.Open(os.Args[1])
	fail(err)
	doc, err := json.Read(file)
	fail(err)
	fail(spdxlib.ValidateDocument(doc))
	described, err := spdxlib.GetDescribedPackageIDs(doc)
	fail(err)
	byID := map[string]*spdx.File{}
	for _, each := range doc.Files {
		byID[string(each.FileSPDXIdentifier)] = each
	}
	codes := 0
	for _, pkg := range doc.Packages {
		var files []*spdx.File
		for _, each := range doc.Relationships {
			if each.RefA.ElementRefID != pkg.PackageSPDXIdentifier {
				continue
			}
			if found := byID[string(each.RefB.ElementRefID)]; found != nil {
				files = append(files, found)
			}
		}
		// The reader puts files that a package contains into the package.
		files = append(files, pkg.Files...)
		if pkg.FilesAnalyzed != (pkg.PackageVerificationCode != nil && pkg.PackageVerificationCode.Value != "") {
			fail(fmt.Errorf("%s: filesAnalyzed is %v, code %v", pkg.PackageName, pkg.FilesAnalyzed, pkg.PackageVerificationCode))
		}
		if !pkg.FilesAnalyzed {
			continue
		}
		code, err := utils.GetVerificationCode(files, "")
		fail(err)
		if code.Value != pkg.PackageVerificationCode.Value {
			fail(fmt.Errorf("%s: code %s, of its %d files %s", pkg.PackageName, pkg.PackageVerificationCode.Value, len(files), code.Value))
		}
		codes++
	}
	var text bytes.Buffer
	fail(tagvalue.Write(doc, &text))
	again, err := tagvalue.Read(&text)
	fail(err)
	fmt.Printf("%d described, %d packages, %d codes, %d packages as tag-value\n", len(described), len(doc.Packages), codes, len(again.Packages))
}
