downbeat trace 2 {}
# Names are trimmed, and up to 32 code points long, whatever they weigh in bytes.
> websocket 1
> text 1 40
> websocket 2
> text 2 40
> text 1 42["session:create",{"name":"  Ada  Lovelace\t"}]
? "name":"Ada  Lovelace"
> text 2 42["session:join",{"roomCode":"{room 1}","name":"🎺🎺🎺🎺🎺🎺🎺🎺🎺🎺🎺🎺🎺🎺🎺🎺🎺🎺🎺🎺🎺🎺🎺🎺🎺🎺🎺🎺🎺🎺🎺🎺"}]
? session:user-joined
> text 2 42["session:update",{"name":"\u00c9l\u00e9onore \"the\" \\ <b>"}]
? "name":"Éléonore \"the\" \\ <b>"
