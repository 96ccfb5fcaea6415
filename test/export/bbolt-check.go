// Checks a bbolt file with bbolt's own Check, and prints how many buckets and pairs it has.
package main

import (
	"fmt"
	"os"

	bolt "go.etcd.io/bbolt"
)

func count(b *bolt.Bucket, buckets, pairs *int) error {
	return b.ForEach(func(k, v []byte) error {
		if v != nil {
			*pairs++
			if got := b.Get(k); string(got) != string(v) {
				return fmt.Errorf("a look-up of %q does not find it", k)
			}
			return nil
		}
		*buckets++
		child := b.Bucket(k)
		if child == nil {
			return fmt.Errorf("a look-up does not find bucket %q", k)
		}
		return count(child, buckets, pairs)
	})
}

func main() {
	db, err := bolt.Open(os.Args[1], 0o400, &bolt.Options{ReadOnly: true})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	buckets, pairs, faults := 0, 0, 0
	err = db.View(func(tx *bolt.Tx) error {
		for fault := range tx.Check() {
			faults++
			fmt.Fprintln(os.Stderr, fault)
		}
		return tx.ForEach(func(name []byte, b *bolt.Bucket) error {
			buckets++
			return count(b, &buckets, &pairs)
		})
	})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		faults++
	}
	fmt.Printf("%d buckets, %d pairs, %d faults\n", buckets, pairs, faults)
	if faults > 0 {
		os.Exit(1)
	}
}
