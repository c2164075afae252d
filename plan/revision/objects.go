package revision

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// objects asks one git process for the content of files, and hands each on in turn.
// What take leaves of the content is skipped.
func (r *Repo) objects(ctx context.Context, files []file, take func(f file, size int64, content io.Reader) error) error {
	if len(files) == 0 {
		return nil
	}
	cmd := command(ctx, r.dir, "cat-file", "--batch", "--buffer")
	var request, stderr bytes.Buffer
	for _, f := range files {
		request.WriteString(f.object + "\n")
	}
	cmd.Stdin, cmd.Stderr = &request, &stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return err
	}
	in := bufio.NewReaderSize(out, 1<<20)
	for _, f := range files {
		if err = readObject(in, f, take); err != nil {
			break
		}
	}
	if err != nil {
		cmd.Cancel()
		cmd.Wait()
		return err
	}
	if err := cmd.Wait(); err != nil {
		return fmt.Errorf("git cat-file: %w: %s", err, strings.TrimSpace(stderr.String()))
	}
	return nil
}

func readObject(in *bufio.Reader, f file, take func(file, int64, io.Reader) error) error {
	head, err := in.ReadString('\n')
	if err != nil {
		return fmt.Errorf("git gave no content of %s: %w", f.path, err)
	}
	fields := strings.Fields(head) // object type size
	if len(fields) != 3 && !matters.MatchString(f.path) {
		return nil // a clone made with --filter=blob:limit lacks pictures and the like
	}
	if len(fields) != 3 {
		return fmt.Errorf("git does not have the content of %s; in a partial clone git fetch brings it", f.path)
	}
	size, err := strconv.ParseInt(fields[2], 10, 64)
	if err != nil {
		return fmt.Errorf("git says of %s: %s", f.path, strings.TrimSpace(head))
	}
	content := io.LimitReader(in, size)
	if err := take(f, size, content); err != nil {
		return err
	}
	if _, err := io.Copy(io.Discard, content); err != nil {
		return err
	}
	_, err = in.Discard(1) // the newline after the content
	return err
}
