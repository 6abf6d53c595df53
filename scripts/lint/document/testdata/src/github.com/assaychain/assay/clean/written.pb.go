package clean

type Message struct{}
