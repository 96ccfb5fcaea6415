// Copies a bbolt file pair by pair through bbolt's own transactions, as Trivy's builder writes its database.
package main

import (
	"log"
	"os"

	bolt "go.etcd.io/bbolt"
)

func fill(from, to *bolt.Bucket) error {
	return from.ForEach(func(key, value []byte) error {
		if value != nil {
			return to.Put(key, value)
		}
		child, err := to.CreateBucketIfNotExists(key)
		if err != nil {
			return err
		}
		return fill(from.Bucket(key), child)
	})
}

func main() {
	from, err := bolt.Open(os.Args[1], 0o400, &bolt.Options{ReadOnly: true})
	if err != nil {
		log.Fatal(err)
	}
	to, err := bolt.Open(os.Args[2], 0o600, &bolt.Options{NoSync: true})
	if err != nil {
		log.Fatal(err)
	}
	err = from.View(func(read *bolt.Tx) error {
		return read.ForEach(func(name []byte, bucket *bolt.Bucket) error {
			return to.Update(func(write *bolt.Tx) error {
				copied, err := write.CreateBucketIfNotExists(name)
				if err != nil {
					return err
				}
				return fill(bucket, copied)
			})
		})
	})
	if err != nil {
		log.Fatal(err)
	}
	if err := to.Close(); err != nil {
		log.Fatal(err)
	}
}
